// Draws the charts and works the buttons of a report. Runs in the reader's browser, from a file, without
// network.
(async () => {
  const byId = (id) => document.getElementById(id);
  // Data blocks are gzip in base64.
  const unpack = (id) => {
    const letters = atob(byId(id).textContent);
    const bytes = new Uint8Array(letters.length);
    for (let at = 0; at < letters.length; at += 1) bytes[at] = letters.charCodeAt(at);
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
    return new Response(stream).text();
  };
  const say = (text) => {
    byId('live').textContent = text;
  };
  const make = (tag, text = '', attributes = {}) => {
    const element = document.createElement(tag);
    element.textContent = text;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };

  // Theme: follows the system until the reader chooses.
  const root = document.documentElement;
  const themeButton = byId('theme');
  const systemDark = matchMedia('(prefers-color-scheme: dark)');
  const isDark = () => (root.dataset.theme ? root.dataset.theme === 'dark' : systemDark.matches);
  const showTheme = () => themeButton.setAttribute('aria-pressed', String(isDark()));
  themeButton.addEventListener('click', () => {
    root.dataset.theme = isDark() ? 'light' : 'dark';
    showTheme();
  });
  systemDark.addEventListener('change', showTheme);
  showTheme();

  if (!('DecompressionStream' in window)) {
    for (const place of document.querySelectorAll('.chart:empty'))
      place.textContent = 'This browser is too old to unpack the data of the charts.';
    return;
  }
  const { config, datasets, figures } = JSON.parse(await unpack('figures'));
  const views = new Map();

  // Copying.
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = make('textarea', text, { readonly: '', class: 'off-screen' });
      document.body.append(area);
      area.select();
      const done = document.execCommand('copy');
      area.remove();
      if (!done) throw new Error('the browser forbids it; select the text and copy it by hand');
    }
  };
  const copyFrom = async (button, text) => {
    try {
      await copy(text);
      button.dataset.label ??= button.textContent;
      button.textContent = 'Copied';
      say('Copied to the clipboard.');
      button.addEventListener(
        'blur',
        () => {
          button.textContent = button.dataset.label;
        },
        { once: true },
      );
      button.focus();
    } catch (error) {
      say(`Not copied: ${error.message}.`);
    }
  };

  // Colours of the charts are CSS variables; outside of the page they must be plain.
  const plainColours = (text) => {
    const style = getComputedStyle(root);
    return text.replace(/var\((--[\w-]+)\)/g, (_, name) => style.getPropertyValue(name).trim());
  };

  const recordsOf = ({ columns, rows }) =>
    rows.map((row) => Object.fromEntries(columns.map(({ field }, index) => [field, row[index]])));
  const dataOf = (figure) =>
    Object.fromEntries(
      Object.entries(figure.datasets).map(([name, key]) => [name, recordsOf(datasets[key])]),
    );

  // A specification that stands for itself: the Vega editor and other tools take it as it is.
  const wholeSpec = (figure) => ({
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    config,
    datasets: dataOf(figure),
    vconcat: figure.panels.map(({ title, spec }) => ({ title, ...spec, width: 640 })),
  });

  // The table behind a chart, made when it is first opened.
  const fillTable = (details) => {
    const { title, columns, rows } = datasets[details.dataset.table];
    const numeric = columns.map((_, index) => rows.every((row) => typeof row[index] !== 'string'));
    const table = make('table');
    table.append(make('caption', title));
    const head = table.createTHead().insertRow();
    columns.forEach((column, index) => {
      head.append(make('th', column.title, { scope: 'col', class: numeric[index] ? 'number' : '' }));
    });
    const body = table.createTBody();
    for (const row of rows) {
      const line = body.insertRow();
      row.forEach((value, index) => {
        line.append(
          make('td', value === null ? '' : String(value), { class: numeric[index] ? 'number' : '' }),
        );
      });
    }
    const region = make('div', '', {
      class: 'scroll tall',
      tabindex: '0',
      role: 'region',
      'aria-label': title,
    });
    region.append(table);
    details.append(region);
  };

  // All panels of a figure below each other, as one SVG file.
  const toSvg = async (figure) => {
    const parts = [];
    let [width, height] = [0, 0];
    for (const [index, panel] of figure.panels.entries()) {
      const svg = new DOMParser().parseFromString(
        await views.get(`${figure.id} ${index}`).toSVG(),
        'image/svg+xml',
      ).documentElement;
      if (panel.title) {
        const text = document.createElementNS('http://www.w3.org/2000/svg', 'text');
        text.textContent = panel.title;
        for (const [name, value] of [
          ['x', 4],
          ['y', height + 16],
          ['font-size', 13],
          ['fill', 'var(--ink)'],
        ]) {
          text.setAttribute(name, value);
        }
        text.setAttribute('font-family', config.font);
        parts.push(new XMLSerializer().serializeToString(text));
        height += 24;
      }
      svg.setAttribute('y', height);
      parts.push(new XMLSerializer().serializeToString(svg));
      width = Math.max(width, Number(svg.getAttribute('width')));
      height += Number(svg.getAttribute('height')) + 8;
    }
    const background = '<rect width="100%" height="100%" fill="var(--panel)"/>';
    const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
    return plainColours(
      `<svg xmlns="http://www.w3.org/2000/svg" ${size}>${background}${parts.join('')}</svg>`,
    );
  };
  const download = (name, type, text) => {
    const url = URL.createObjectURL(new Blob([text], { type }));
    make('a', '', { href: url, download: name }).click();
    URL.revokeObjectURL(url);
  };

  // Claims of one verdict only; the same button again shows all.
  const showOnly = (button) => {
    const isOn = button.getAttribute('aria-pressed') === 'true';
    for (const other of button.parentElement.querySelectorAll('button'))
      other.setAttribute('aria-pressed', String(other === button && !isOn));
    const wanted = isOn ? null : button.dataset.verdict;
    const rows = [...document.querySelectorAll('tr[data-verdict]')];
    for (const row of rows) row.hidden = wanted !== null && row.dataset.verdict !== wanted;
    for (const group of document.querySelectorAll('#claims tbody'))
      group.hidden = group.querySelector('tr[data-verdict]:not([hidden])') === null;
    say(`${rows.filter((row) => !row.hidden).length} of ${rows.length} claims are shown.`);
  };

  const figureOf = (element) =>
    figures.find(({ id }) => id === element.closest('[data-figure]').dataset.figure);
  document.addEventListener('click', async ({ target }) => {
    const button = target instanceof Element ? target.closest('button[data-do]') : null;
    if (button === null) return;
    if (button.dataset.do === 'copy') await copyFrom(button, button.dataset.text);
    if (button.dataset.do === 'spec') {
      await copyFrom(button, plainColours(JSON.stringify(wholeSpec(figureOf(button)), null, 1)));
    }
    if (button.dataset.do === 'svg') {
      const figure = figureOf(button);
      await draw(figure);
      download(`${figure.id}.svg`, 'image/svg+xml', await toSvg(figure));
    }
    if (button.dataset.do === 'filter') showOnly(button);
    if (button.dataset.do === 'data') download('report.json', 'application/json', await unpack('report'));
  });
  for (const details of document.querySelectorAll('details[data-table]')) {
    details.addEventListener('toggle', () => fillTable(details), { once: true });
  }

  // Contents: the part that is being read is marked, and its topics are listed.
  const entries = new Map(
    [...document.querySelectorAll('.contents > ul > li > a')].map((link) => [link.hash.slice(1), link]),
  );
  const reader = new IntersectionObserver(
    (changes) => {
      for (const { target, isIntersecting } of changes) {
        if (!isIntersecting) continue;
        for (const [id, link] of entries) {
          if (id === target.id) link.setAttribute('aria-current', 'true');
          else link.removeAttribute('aria-current');
        }
      }
    },
    { rootMargin: '-30% 0px -65% 0px' },
  );
  for (const id of entries.keys()) reader.observe(byId(id));

  const options = {
    mode: 'vega-lite',
    renderer: 'svg',
    actions: false,
    // Expressions are interpreted, not compiled: the page's policy forbids making code from text.
    ast: true,
    config,
    defaultStyle: false,
    tooltip: { disableDefaultStyle: true },
  };
  const drawNew = async (figure) => {
    for (const [index, { spec }] of figure.panels.entries()) {
      const name = `${figure.id} ${index}`;
      const place = document.querySelector(`[data-chart="${name}"]`);
      const chart = make('div');
      place.append(chart);
      try {
        const { view } = await vegaEmbed(chart, { ...spec, datasets: dataOf(figure) }, options);
        views.set(name, view);
        place.replaceChildren(chart);
        place.style.minHeight = '';
      } catch (error) {
        place.textContent = `This chart could not be drawn (${error.message}). Its numbers are in the table below.`;
        console.error(error);
      }
    }
  };

  const drawn = new Map();
  const draw = (figure) => {
    if (!drawn.has(figure.id)) drawn.set(figure.id, drawNew(figure));
    return drawn.get(figure.id);
  };

  // Figures that the reader is near to are drawn first, the others one by one while the browser has nothing else to do.
  const waiting = new Map(figures.map((figure) => [figure.id, figure]));
  const near = new Set();
  let watcher;
  const watching = new Promise((resolve) => {
    watcher = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries)
          near[isIntersecting ? 'add' : 'delete'](target.dataset.figure);
        resolve();
      },
      { rootMargin: '100% 0px' },
    );
    // Nothing is laid out, and so nothing is near, while nobody looks.
    const stopWaiting = () => document.hidden && resolve();
    document.addEventListener('visibilitychange', stopWaiting);
    stopWaiting();
  });
  for (const element of document.querySelectorAll('[data-figure]')) watcher.observe(element);
  const pause = (isUrgent) =>
    new Promise((resolve) => {
      if (isUrgent || !window.requestIdleCallback) setTimeout(resolve);
      else requestIdleCallback(resolve, { timeout: 500 });
    });
  const drawAll = async () => {
    await watching;
    while (waiting.size > 0) {
      const id = [...near].find((one) => waiting.has(one)) ?? waiting.keys().next().value;
      const figure = waiting.get(id);
      waiting.delete(id);
      await draw(figure);
      performance.mark(`figure ${id}`);
      await pause([...near].some((one) => waiting.has(one)));
    }
    watcher.disconnect();
    root.dataset.charts = 'drawn';
  };
  drawAll();
})();
