/** The codes by which gRPC says how a call has ended, as far as links use them (https://grpc.io/docs/guides/status-codes/). */
export const STATUS = {
  OK: 0,
  UNKNOWN: 2,
  DEADLINE_EXCEEDED: 4,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  UNIMPLEMENTED: 12,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

/** How a call ends. */
export interface CallStatus {
  /** One of {@link STATUS}, or whatever the other end says. */
  readonly code: number;
  readonly details: string;
}
