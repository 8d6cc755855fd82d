// Before anything is drawn: the theme that was chosen. A plain script, not a module, so that nothing flashes.
document.documentElement.dataset.theme = localStorage.getItem('theme') ?? '';
