/** Limits of what a machine with a network of its own gives: how fast its network is, and how fast a disk that is a server on it. */
import type { Machine } from './machine.ts';

/** The limits; what is absent is not limited. */
export interface Rates {
  /** What it sends to other machines. */
  readonly networkBitsPerSecond?: number;
  /** What the server at this port sends to processes of its own machine: so fast is its disk. */
  readonly disk?: { readonly port: number; readonly bitsPerSecond: number };
}

/** What may be sent at once after a pause: a packet of the loopback interface has up to 64 KiB. */
const BURST = '128kb';
/** How long packets may wait before they are dropped. */
const LATENCY = '400ms';

/**
 * Limits a machine for as long as its network lives. Network interfaces are `eth0` and `lo`. Takes root on the machine, and `tc`; rejects
 * with its words if it cannot.
 */
export async function limitRates(machine: Machine, { networkBitsPerSecond, disk }: Rates): Promise<void> {
  const commands = [
    ...(networkBitsPerSecond === undefined
      ? []
      : [`qdisc add dev eth0 root tbf rate ${networkBitsPerSecond}bit burst ${BURST} latency ${LATENCY}`]),
    ...(disk === undefined
      ? []
      : [
          'qdisc add dev lo root handle 1: htb',
          `class add dev lo parent 1: classid 1:1 htb rate ${disk.bitsPerSecond}bit burst ${BURST} cburst ${BURST}`,
          `filter add dev lo parent 1: protocol ip u32 match ip sport ${disk.port} 0xffff flowid 1:1`,
        ]),
  ];
  for (const command of commands) await machine.run('tc', ...command.split(' '));
}
