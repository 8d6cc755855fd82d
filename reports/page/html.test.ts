import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compactJson, html, packedBlock, raw } from './html.ts';
import { unpackedBlock } from './testBlocks.ts';

test('whatever is inserted is escaped', () => {
  assert.is(
    html`<p title="${'"\'<>&'}">${'<b>'}</p>`.html,
    '<p title="&quot;&#39;&lt;&gt;&amp;">&lt;b&gt;</p>',
  );
});

test('pieces of HTML, lists and null are inserted as what they are', () => {
  const items = ['a', 'b'].map((item) => html`<li>${item}</li>`);
  assert.is(html`<ul>${items}${null}${raw('<hr>')}${7}</ul>`.html, '<ul><li>a</li><li>b</li><hr>7</ul>');
});

test('a data block cannot be ended by its content, and reads back as it was', () => {
  const text = '</script><script>alert(1)</script><!-- “é” -->';
  const block = packedBlock('data', text).html;
  assert.is(block.match(/<\/script/g)?.length, 1);
  assert.not.match(block, '<!--');
  assert.is(unpackedBlock(block, 'data'), text);
  assert.is(unpackedBlock(block, 'other'), null);
});

test('JSON holds six figures of a fraction, and whole numbers whole', () => {
  assert.is(compactJson([1 / 3, 25_276_510_208, 1234.56789]), '[0.333333,25276510208,1234.57]');
});

test.run();
