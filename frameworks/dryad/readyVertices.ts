/** The vertices of a job that could be launched now, found by the hosts of their data. */
import { preferredHosts, type Vertex } from './graph.ts';

/** In the order in which they came to be ready. */
export class ReadyVertices {
  readonly #all = new Map<Vertex, readonly string[]>();
  readonly #byHost = new Map<string, Set<Vertex>>();
  /** Those that are at home everywhere. */
  readonly #anywhere = new Set<Vertex>();

  get size(): number {
    return this.#all.size;
  }

  add(vertex: Vertex): void {
    const hosts = preferredHosts(vertex);
    this.#all.set(vertex, hosts);
    if (hosts.length === 0) this.#anywhere.add(vertex);
    for (const host of hosts) {
      const there = this.#byHost.get(host) ?? new Set();
      this.#byHost.set(host, there.add(vertex));
    }
  }

  delete(vertex: Vertex): void {
    for (const host of this.#all.get(vertex) ?? []) {
      const there = this.#byHost.get(host);
      there?.delete(vertex);
      if (there?.size === 0) this.#byHost.delete(host);
    }
    this.#anywhere.delete(vertex);
    this.#all.delete(vertex);
  }

  /** One whose data is on this host, or that does not care. */
  local(host: string): Vertex | undefined {
    const [here] = this.#byHost.get(host) ?? [];
    const [carefree] = this.#anywhere;
    return here ?? carefree;
  }

  /** The one that has been ready for longest. */
  first(): Vertex | undefined {
    const [vertex] = this.#all.keys();
    return vertex;
  }
}
