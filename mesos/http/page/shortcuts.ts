/** Keys that work anywhere in the page. They can be turned off: some speak to their computer, and it types. */
import { useEffect } from 'preact/hooks';

const KEY = 'shortcuts';

/** Do single keys work? */
export const areShortcutsOn = (): boolean => localStorage.getItem(KEY) !== 'off';

/** Turns them on or off. */
export function setShortcuts(isOn: boolean): void {
  localStorage.setItem(KEY, isOn ? 'on' : 'off');
}

/** Listens for `/` and `?`. */
export function useShortcuts({ help }: { readonly help: () => void }): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target) || !areShortcutsOn())
        return;
      if (event.key === '?') help();
      else if (event.key === '/') {
        const filter = document.querySelector<HTMLInputElement>('[data-filter]');
        if (filter === null) return;
        event.preventDefault();
        filter.focus();
        filter.select();
      }
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches('input, select, textarea, dialog *');
}
