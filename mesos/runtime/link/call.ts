/**
 * A call: what gRPC is on a stream of HTTP/2, as far as links need it: metadata, messages with their length before them, a status
 * (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md). Links speak it themselves, for grpc-js adds half of what a small
 * frame costs without it, and gives no hold on its sockets.
 */
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import { type CallStatus, STATUS } from './callStatus.ts';

/** What is said of a call, or of its answer, before its messages: metadata, in gRPC's words. */
export type CallHeaders = Readonly<Record<string, string>>;
/** The same, as it comes from another. */
export type ReceivedHeaders = Readonly<Record<string, unknown>>;

/** A call that was made. */
export type OutgoingCall = ClientHttp2Stream;
/** A call that came. */
export type ReceivedCall = ServerHttp2Stream;

const CONTENT_TYPE = 'application/grpc';
/** Whether the message is compressed (1 byte), and its length (4 bytes). */
const PREFIX_BYTES = 5;

/** Writes one message. `written` is called when it has left; never, if it cannot. */
export function writeMessage(call: OutgoingCall | ReceivedCall, message: Buffer, written: () => void): void {
  const bytes = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  bytes[0] = 0;
  bytes.writeUInt32BE(message.length, 1);
  message.copy(bytes, PREFIX_BYTES);
  call.write(bytes, (error) => {
    if (!error) written();
  });
}

/** Makes messages of the pieces in which they come. */
export class MessageReader {
  readonly #bytesMax: number;
  readonly #take: (message: Buffer) => void;
  #pieces: Buffer[] = [];
  #bytes = 0;
  /** So many bytes are needed for the next step: a prefix, or with it the message. */
  #needed = PREFIX_BYTES;

  /** `take` is told of each message, which may have `bytesMax` bytes. */
  constructor(bytesMax: number, take: (message: Buffer) => void) {
    this.#bytesMax = bytesMax;
    this.#take = take;
  }

  /** Reads a piece. Returns what is wrong with it, if anything is: then nothing more can be read. */
  read(piece: Buffer): string | undefined {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    if (this.#bytes < this.#needed) return undefined;
    const bytes = this.#pieces.length === 1 ? piece : Buffer.concat(this.#pieces, this.#bytes);
    let start = 0;
    this.#needed = PREFIX_BYTES;
    while (bytes.length - start >= PREFIX_BYTES) {
      const length = bytes.readUInt32BE(start + 1);
      if (bytes[start] !== 0) return 'it sent a message that is compressed';
      if (length > this.#bytesMax)
        return `it sent a message of ${length} bytes, more than the ${this.#bytesMax} of a frame`;
      const end = start + PREFIX_BYTES + length;
      if (end > bytes.length) {
        this.#needed = end - start;
        break;
      }
      this.#take(bytes.subarray(start + PREFIX_BYTES, end));
      start = end;
    }
    this.#pieces = start < bytes.length ? [bytes.subarray(start)] : [];
    this.#bytes = bytes.length - start;
    return undefined;
  }
}

/** What comes of a call that was made. */
export interface CallOutcome {
  /** Called once, unless the call is over before. */
  answered(headers: ReceivedHeaders): void;
  /** The call is over. Called once. */
  over(status: CallStatus): void;
}

/** Makes a call. Nothing need have come from the other end before. */
export function makeCall(
  session: ClientHttp2Session,
  path: string,
  headers: CallHeaders,
  outcome: CallOutcome,
): OutgoingCall {
  const call = session.request({
    ...headers,
    ':method': 'POST',
    ':path': path,
    'content-type': CONTENT_TYPE,
    te: 'trailers',
  });
  let isOver = false;
  const over = (status: CallStatus): void => {
    if (!isOver) outcome.over(status);
    isOver = true;
  };
  call.on('error', () => {});
  call.on('response', (answer) => {
    const refusal = statusIn(answer);
    if (refusal !== undefined) return over(refusal);
    if (answer[':status'] !== constants.HTTP_STATUS_OK)
      return over({ code: STATUS.UNKNOWN, details: `it answers with HTTP ${answer[':status']}` });
    outcome.answered(answer);
  });
  call.on('trailers', (trailers) => over(statusIn(trailers) ?? GONE));
  call.on('close', () => over(GONE));
  return call;
}

const GONE: CallStatus = { code: STATUS.UNAVAILABLE, details: 'the connection is gone' };

/** The status in what ends a call, or refuses it at once; undefined if there is none. */
export function statusIn(headers: IncomingHttpHeaders): CallStatus | undefined {
  const code = headers['grpc-status'];
  return code === undefined
    ? undefined
    : { code: Number(code), details: decoded(`${headers['grpc-message'] ?? ''}`) };
}

function decoded(text: string): string {
  try {
    return decodeURI(text);
  } catch {
    return text;
  }
}

/** Answers a call; when it is ended, its status will be that all is well. */
export function acceptCall(call: ReceivedCall, headers: CallHeaders): void {
  if (isClosed(call)) return;
  call.respond({ 'content-type': CONTENT_TYPE, ...headers }, { waitForTrailers: true });
  call.once('wantTrailers', () => call.sendTrailers({ 'grpc-status': STATUS.OK }));
}

/** Ends a call that was not answered. */
export function refuseCall(call: ReceivedCall, code: number, details: string): void {
  if (isClosed(call)) return;
  call.respond(
    { 'content-type': CONTENT_TYPE, 'grpc-status': code, 'grpc-message': encodeURI(details) },
    { endStream: true },
  );
}

function isClosed(call: ReceivedCall): boolean {
  return call.destroyed || call.closed;
}
