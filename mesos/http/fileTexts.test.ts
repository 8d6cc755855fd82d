import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fileName, modeText, textOf } from './fileTexts.ts';

test('modes are written as `ls` writes them', () => {
  for (const [mode, text] of [
    [0o100644, '-rw-r--r--'],
    [0o040755, 'drwxr-xr-x'],
    [0o120777, 'lrwxrwxrwx'],
    [0o010600, 'prw-------'],
    [0o140600, 'srw-------'],
    [0o020666, 'crw-rw-rw-'],
    [0o060660, 'brw-rw----'],
    [0o104755, '-rwsr-xr-x'],
    [0o104644, '-rwSr--r--'],
    [0o102755, '-rwxr-sr-x'],
    [0o041777, 'drwxrwxrwt'],
    [0o041776, 'drwxrwxrwT'],
    [0, '?---------'],
  ] as const)
    assert.is(modeText(mode), text);
});

test('text of any parts, one after the other, is the whole text', () => {
  const bytes = Buffer.from('aé€😀\u0000b'.repeat(20));
  for (const length of [4, 5, 7, 64]) {
    let [text, offset] = ['', 0];
    while (offset < bytes.length) {
      const part = textOf(bytes.subarray(offset, offset + length));
      text += part.data;
      offset += part.length;
    }
    assert.is(text, bytes.toString());
  }
});

test('what is no text, and what is cut with nothing before it, is replaced', () => {
  assert.equal(textOf(Buffer.from([0xf0, 0x9f])), { data: '\ufffd', length: 2 });
  assert.equal(textOf(Buffer.from([0x80, 0x80, 0x80, 0x80])), { data: '\ufffd'.repeat(4), length: 4 });
  assert.equal(textOf(Buffer.from([0x61, 0xc3])), { data: 'a', length: 1 });
  assert.equal(textOf(Buffer.alloc(0)), { data: '', length: 0 });
});

test('names of files cannot break out of their header', () => {
  assert.is(fileName('/a/b.txt'), `filename="b.txt"; filename*=UTF-8''b.txt`);
  assert.is(fileName('/a/"\r\nX: y\\'), `filename="___X: y_"; filename*=UTF-8''%22%0D%0AX%3A%20y%5C`);
  assert.is(fileName("/a/it's(1)*"), `filename="it's(1)*"; filename*=UTF-8''it%27s%281%29%2a`);
});

test.run();
