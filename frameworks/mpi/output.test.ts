import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Output } from './output.ts';

const test = suite<{ folder: string }>('output');

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'mesos-lab-output-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

test('a character that comes in two pieces is whole at the end', async ({ folder }) => {
  const text = Buffer.from('näher\n');
  const output = await Output.open(join(folder, 'out'));
  await output.write(text.subarray(0, 2));
  await output.write(text.subarray(2));
  await output.close();
  assert.equal([output.lastLine, readFileSync(output.path, 'utf8')], [': näher', 'näher\n']);
});

test('a piece for which there is room in part is not said to be written', ({ folder }) => {
  const program = `
    import { Output } from '${join(import.meta.dirname, 'output.ts')}';
    const output = await Output.open('${join(folder, 'out')}');
    await output.write(Buffer.alloc(2000, 'x')).then(() => console.log('written'), ({ code }) => console.log(code));`;
  const limited = `ulimit -f 1; exec '${process.execPath}' --input-type=module --eval "$0"`;
  const told = execFileSync('sh', ['-c', limited, program], { encoding: 'utf8', stdio: 'pipe' });
  assert.is(told, 'EFBIG\n');
});

test.run();
