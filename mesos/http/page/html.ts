/** Templates: `html` makes what preact draws. All values become text, never markup. */
import htm from 'htm';
import { type ComponentChildren, h, type VNode } from 'preact';

/** What a component may draw. */
export type Drawn = ComponentChildren;

/** Draws a template. A template has one root; several need a list around them. */
export const html = htm.bind(h as never) as (
  strings: TemplateStringsArray,
  ...values: readonly unknown[]
) => VNode;
