/** For tests of the wire runtime: the other end of a link as plain calls of another gRPC than ours, which can misbehave. */
import {
  type ChannelCredentials,
  Client,
  type ClientDuplexStream,
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServiceError,
} from '@grpc/grpc-js';
import type { CallHeaders, ReceivedHeaders } from './link/call.ts';
import { type Hello, type Identity, writeHello } from './link/hello.ts';
import { CHALLENGE, EXCHANGE } from './link/link.ts';
import { type Challenge, type Claim, readChallenge, writeClaim } from './link/proof.ts';
import { endLater, within } from './testProbe.ts';

/** Frames are bytes already. */
const asIs = (frame: Buffer): Buffer => frame;

/** Incarnation of raw peers. */
export const RAW_INCARNATION = '0123456789abcdef';

/** Headers as that gRPC has them. */
export function metadataOf(headers: CallHeaders): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return metadata;
}

/** A call that a raw peer made. */
export interface RawCall {
  readonly call: ClientDuplexStream<Buffer, Buffer>;
  /** Resolves when the call is accepted. */
  accepted(): Promise<ReceivedHeaders>;
  /** Resolves with the status code and details when the call ends. */
  ended(): Promise<{ readonly code: number; readonly details: string }>;
  close(): void;
}

/** A connection that a raw peer made. */
export interface RawConnection {
  /** Resolves when the other end has been heard, and nothing asked of it. */
  connected(): Promise<void>;
  /** Asks for a challenge; undefined if there is none to be had. */
  challenge(): Promise<Challenge | undefined>;
  /** Calls with a hello of the test's making. */
  call(hello?: Partial<Hello>, claim?: Claim): RawCall;
}

/** A hello with whatever a test does not care about. */
export function rawHello(hello: Partial<Hello> = {}): Hello {
  return { identity: 'raw:0/00000000', incarnation: RAW_INCARNATION, dial: 1, after: '', ...hello };
}

/** Connects to a process. */
export function rawConnection(
  target: Identity,
  security: ChannelCredentials = credentials.createInsecure(),
): RawConnection {
  const client = new Client(target, security, {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.max_send_message_length': -1,
    'grpc.enable_retries': 0,
  });
  endLater(() => client.close());
  const start = (path: string, headers: CallHeaders): RawCall => {
    const call = client.makeBidiStreamRequest(path, asIs, asIs, metadataOf(headers));
    call.on('error', () => {});
    const accepted = new Promise<ReceivedHeaders>((resolve) =>
      call.once('metadata', (metadata: Metadata) => resolve(metadata.getMap())),
    );
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
  };
  return {
    connected: () =>
      within(
        'the connection',
        new Promise<void>((resolve, reject) =>
          client.waitForReady(Number.POSITIVE_INFINITY, (error) => (error ? reject(error) : resolve())),
        ),
      ),
    challenge: async () => {
      const asked = start(CHALLENGE, {});
      asked.call.resume();
      asked.call.end();
      const headers = new Promise<ReceivedHeaders>((resolve) =>
        asked.call
          .once('metadata', (metadata: Metadata) => resolve(metadata.getMap()))
          .once('status', () => resolve({})),
      );
      return readChallenge(await within('a challenge, or none', headers));
    },
    call: (hello, claim) =>
      start(EXCHANGE, { ...writeHello(rawHello(hello)), ...(claim && writeClaim(claim)) }),
  };
}

/** Calls a process with a hello of the test's making. */
export function rawCall(target: Identity, hello: Partial<Hello> = {}): RawCall {
  return rawConnection(target).call(hello);
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

/** Starts a raw peer on the loopback interface, under the name of `host`. Does it know challenges? Then they are calls, too. */
export async function rawServer(host: string, { challenges = false } = {}): Promise<RawServer> {
  const server = new Server();
  const waiting: RawIncomingCall[] = [];
  let arrived = (): void => {};
  const types = {
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
  const take = (call: RawIncomingCall): void => {
    call.on('error', () => {});
    waiting.push(call);
    arrived();
  };
  const method = { requestStream: true, responseStream: true, ...types };
  server.addService({ Exchange: { path: EXCHANGE, ...method } }, { Exchange: take });
  if (challenges) server.addService({ Challenge: { path: CHALLENGE, ...method } }, { Challenge: take });
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
        metadataOf(writeHello({ identity, incarnation: RAW_INCARNATION, dial: 0, after: '' })),
      ),
    close: () => server.forceShutdown(),
  };
}
