/** What a reader must know who has not read the paper. */
import { type Html, html } from './html.ts';

/** The idea in a few sentences. */
export function primerSection(): Html {
  return html`<section id="primer" class="primer" aria-labelledby="primer-title">
<h2 id="primer-title">What this is about</h2>
<p>A company has one cluster and several <strong>frameworks</strong>: programs that run jobs, such as Hadoop for long
batches, Spark for iterations, or MPI for simulations. It can give each framework a part of the machines for itself, a
<strong>static partition</strong>. Then one part may stand idle while jobs queue in the next.</p>
<p><strong>Mesos</strong> lets them share all machines. A <strong>master</strong> knows what is free on each
<strong>slave</strong>, a machine that runs tasks, and holds it out to one framework at a time: this is an
<strong>offer</strong>. The framework accepts it, with the tasks that it wants to run there, or declines it. So the
master decides how much each framework gets, and each framework decides what it runs where.</p>
<p>The paper (NSDI’11) measured whether this pays: do jobs end sooner than on static partitions, does it scale, does it
survive failures? This report asks the same of a system built anew from the paper. It puts our number beside the
paper’s and says which of them came out again, and why where they did not.</p>
</section>
`;
}
