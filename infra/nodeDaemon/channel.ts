/** A controller's connection to a daemon: gRPC calls over TLS, with errors that name the machine. */
import { createSecureContext } from 'node:tls';
import {
  ChannelCredentials,
  Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  type ClientWritableStream,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import type * as v from 'valibot';
import { tlsFor } from './diagnosis.ts';
import type { DeploymentKeys } from './keys.ts';
import { WINDOW_BYTES } from './listener.ts';
import { NotingCredentials } from './notingCredentials.ts';
import { asIs, decode, encode, METHOD, type Question } from './protocol.ts';
import type { DaemonRecord } from './record.ts';

/** A machine cannot be reached, or refuses what it was asked. The machine is at fault, or its network: not what runs on it. */
export class MachineError extends Error {
  readonly machine: string;
  /** Nothing came back, so that it may help to ask again. */
  readonly isUnreachable: boolean;

  constructor(machine: string, why: string, isUnreachable: boolean, options?: ErrorOptions) {
    super(`machine ${machine}: ${why}`, options);
    this.machine = machine;
    this.isUnreachable = isUnreachable;
  }
}

/** Calls to one daemon. */
export interface Channel {
  session(): ClientDuplexStream<Buffer, Buffer>;
  ask<T extends v.GenericSchema>(question: Question, answer: T): Promise<v.InferOutput<T>>;
  read(request: unknown): ClientReadableStream<Buffer>;
  usage(request: unknown): ClientReadableStream<Buffer>;
  /** `done` is called once, when the machine has answered. */
  write(done: (error: ServiceError | null) => void): ClientWritableStream<Buffer>;
  /** The error of a call as one of the machine's. */
  failure(error: Error): MachineError;
  close(): void;
}

/** A question that is not answered by then has failed. */
const ANSWER_LIMIT_MS = 60_000;

/** Makes a channel, which connects there with its first call. A connection that is silent for `silenceMs` is given up. */
export function openChannel(
  record: DaemonRecord,
  { ip, port }: Pick<DaemonRecord, 'ip' | 'port'>,
  keys: DeploymentKeys,
  silenceMs: number,
): Channel {
  const { name } = record;
  const { secureContext, checkServerIdentity } = tlsFor(record, keys);
  const credentials = new NotingCredentials(
    ChannelCredentials.createFromSecureContext(createSecureContext(secureContext), { checkServerIdentity }),
  );
  const client = new Client(ip.includes(':') ? `ipv6:[${ip}]:${port}` : `ipv4:${ip}:${port}`, credentials, {
    'grpc.ssl_target_name_override': 'machine',
    'grpc.keepalive_time_ms': silenceMs / 2,
    'grpc.keepalive_timeout_ms': silenceMs / 2,
    'grpc.max_receive_message_length': -1,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.service_config_disable_resolution': 1,
    'grpc.enable_http_proxy': 0,
    'grpc.enable_channelz': 0,
    'grpc.enable_retries': 0,
    'grpc.per_rpc_retry_buffer_size': 0,
    'grpc-node.flow_control_window': WINDOW_BYTES,
  });
  const failure = (error: Error): MachineError => failureOf(record, error as ServiceError);
  return {
    session: () => client.makeBidiStreamRequest(METHOD.session, asIs, asIs),
    ask: (question, answer) =>
      new Promise((resolve, reject) => {
        const deadline = Date.now() + ANSWER_LIMIT_MS;
        client.makeUnaryRequest(METHOD.ask, encode, asIs, question, { deadline }, (error, bytes) => {
          if (error !== null) return reject(failure(error));
          try {
            resolve(decode(answer, bytes ?? Buffer.alloc(0)));
          } catch (wrong) {
            reject(new MachineError(name, `its answer is wrong: ${(wrong as Error).message}`, false));
          }
        });
      }),
    read: (request) => client.makeServerStreamRequest(METHOD.read, encode, asIs, request),
    usage: (request) => client.makeServerStreamRequest(METHOD.usage, encode, asIs, request),
    write: (done) => client.makeClientStreamRequest(METHOD.write, asIs, asIs, done),
    failure,
    close() {
      client.close();
      credentials.end();
    },
  };
}

function failureOf({ name, ip, port }: DaemonRecord, error: ServiceError): MachineError {
  const cause = { cause: error };
  switch (error.code) {
    case status.FAILED_PRECONDITION:
    case status.INVALID_ARGUMENT:
      return new MachineError(name, error.details, false, cause);
    case status.UNAVAILABLE:
      return new MachineError(
        name,
        `its daemon at ${ip}:${port} cannot be reached: ${error.details}`,
        true,
        cause,
      );
    case status.DEADLINE_EXCEEDED:
      return new MachineError(name, `its daemon at ${ip}:${port} does not answer`, true, cause);
    default:
      return new MachineError(name, error.details ?? error.message, false, cause);
  }
}
