/** Addresses of machines that are namespaces. */

/** Of all subnets, which are 10.N.0.0/16. */
export const PREFIX_LENGTH = 16;
/** Second number of the subnet of networks that nobody outside sees, so that all may have the same. */
export const ISOLATED_SUBNET = 77;
/** Second numbers of subnets that may be joined to this machine's network. */
export const SUBNETS: readonly number[] = Array.from({ length: 64 }, (_, index) => 64 + ((13 + index) % 64));

const PER_BLOCK = 250;
/** The most machines of one network. */
const HOSTS_MAX = 255 * PER_BLOCK;

/** Address of the host at an index, e.g. 10.77.0.1 of the first. */
export function hostAddress(subnet: number, index: number): string {
  if (index >= HOSTS_MAX) throw new RangeError(`a network has at most ${HOSTS_MAX} machines`);
  return `10.${subnet}.${Math.floor(index / PER_BLOCK)}.${(index % PER_BLOCK) + 1}`;
}

/** Hardware address that goes with an address: others know it, so a machine that is switched on again has to have the same. */
export function hardwareAddress(ip: string): string {
  return ['02:00', ...ip.split('.').map((part) => Number(part).toString(16).padStart(2, '0'))].join(':');
}

/** Address of this machine in a subnet that is joined to its network. */
export function ownAddress(subnet: number): string {
  return `10.${subnet}.255.254`;
}

/** Content of /etc/hosts on all machines of a network. */
export function hostsFile(hosts: readonly { readonly name: string; readonly ip: string }[]): string {
  return ['127.0.0.1 localhost', ...hosts.map(({ name, ip }) => `${ip} ${name}`)]
    .map((line) => `${line}\n`)
    .join('');
}
