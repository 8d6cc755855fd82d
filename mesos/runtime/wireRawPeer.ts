/** For tests of the wire runtime: the other end of a link as plain gRPC calls, which can misbehave. */
import {
  Client,
  type ClientDuplexStream,
  credentials,
  type Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServiceError,
} from '@grpc/grpc-js';
import { asIs, EXCHANGE } from './link.ts';
import { type Hello, type Identity, writeHello } from './linkHello.ts';
import { endLater, within } from './wireProbe.ts';

/** Incarnation of raw peers. */
export const RAW_INCARNATION = '0123456789abcdef';

/** A call that a raw peer made. */
export interface RawCall {
  readonly call: ClientDuplexStream<Buffer, Buffer>;
  /** Resolves when the call is accepted. */
  accepted(): Promise<Metadata>;
  /** Resolves with the status code and details when the call ends. */
  ended(): Promise<{ readonly code: number; readonly details: string }>;
  close(): void;
}

/** Calls a process with a hello of the test's making. */
export function rawCall(target: Identity, hello: Partial<Hello> = {}, secret?: string): RawCall {
  const client = new Client(target, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.max_send_message_length': -1,
  });
  const whole = { identity: 'raw:0/00000000', incarnation: RAW_INCARNATION, dial: 1, after: '', ...hello };
  const call = client.makeBidiStreamRequest(EXCHANGE, asIs, asIs, writeHello(whole, secret));
  call.on('error', () => {});
  const accepted = new Promise<Metadata>((resolve) => call.once('metadata', resolve));
  const ended = new Promise<ServiceError>((resolve) => call.once('status', resolve));
  const close = (): void => {
    call.cancel();
    client.close();
  };
  endLater(close);
  return {
    call,
    accepted: () => within('the call to be accepted', accepted),
    ended: () => within('the call to end', ended),
    close,
  };
}

/** A call that a raw peer received. */
export type RawIncomingCall = ServerDuplexStream<Buffer, Buffer>;

/** A raw peer that listens. */
export interface RawServer {
  readonly identity: Identity;
  /** The next call; its `metadata` is the hello. It is not answered yet. */
  nextCall(): Promise<RawIncomingCall>;
  /** Accepts a call. */
  accept(call: RawIncomingCall): void;
  close(): void;
}

/** Starts a raw peer on the loopback interface, under the name of `host`. */
export async function rawServer(host: string): Promise<RawServer> {
  const server = new Server();
  const waiting: RawIncomingCall[] = [];
  let arrived = (): void => {};
  const types = {
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
  server.addService(
    { Exchange: { path: EXCHANGE, requestStream: true, responseStream: true, ...types } },
    {
      Exchange: (call: RawIncomingCall) => {
        call.on('error', () => {});
        waiting.push(call);
        arrived();
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync(`${host}:0`, ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  const identity = `${host}:${port}`;
  endLater(() => server.forceShutdown());
  return {
    identity,
    nextCall: async () => {
      if (waiting.length === 0)
        await within(
          'a call',
          new Promise<void>((resolve) => {
            arrived = resolve;
          }),
        );
      return waiting.shift() as RawIncomingCall;
    },
    accept: (call) =>
      call.sendMetadata(
        writeHello({ identity, incarnation: RAW_INCARNATION, dial: 0, after: '' }, undefined),
      ),
    close: () => server.forceShutdown(),
  };
}
