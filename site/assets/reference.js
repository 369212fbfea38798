// Search in lists and trees, and buttons that copy examples. Pages are complete without it.

for (const input of document.querySelectorAll('[data-search]')) {
  const rows = [...document.querySelectorAll(input.dataset.search)].map((element) => ({
    element,
    text: element.textContent.toLowerCase(),
  }));
  const status = document.querySelector('[data-search-status]');
  const show = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const { element, text } of rows) {
      const isFound = words.every((word) => text.includes(word));
      element.hidden = !isFound;
      if (isFound) found += 1;
    }
    for (const section of document.querySelectorAll('[data-searched], .code-list'))
      section.hidden =
        words.length > 0 && section.querySelector(`${input.dataset.search}:not([hidden])`) === null;
    status.textContent = words.length === 0 ? '' : `${found} of ${rows.length} found`;
  };
  input.hidden = false;
  input.addEventListener('input', show);
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') input.value = '';
    show();
  });
}

for (const block of document.querySelectorAll('pre')) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'copy';
  button.textContent = 'Copy';
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(block.textContent);
    button.textContent = 'Copied';
    setTimeout(() => {
      button.textContent = 'Copy';
    }, 2000);
  });
  const frame = document.createElement('div');
  frame.className = 'frame';
  block.replaceWith(frame);
  frame.append(block, button);
}
