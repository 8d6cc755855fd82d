/** Light or dark: as the system says, until one chooses. */
import { useEffect, useState } from 'preact/hooks';

const DARK = '(prefers-color-scheme: dark)';

/** Is it dark, and a way to change that. */
export function useTheme(): readonly [boolean, () => void] {
  const [chosen, choose] = useState(document.documentElement.dataset.theme ?? '');
  const [isSystemDark, setSystemDark] = useState(() => matchMedia(DARK).matches);
  useEffect(() => {
    const system = matchMedia(DARK);
    const changed = (): void => setSystemDark(system.matches);
    system.addEventListener('change', changed);
    return () => system.removeEventListener('change', changed);
  }, []);
  const isDark = chosen === '' ? isSystemDark : chosen === 'dark';
  return [
    isDark,
    () => {
      const theme = isDark ? 'light' : 'dark';
      document.documentElement.dataset.theme = theme;
      localStorage.setItem('theme', theme);
      choose(theme);
    },
  ];
}
