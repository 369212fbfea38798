// Search, copying of examples, the choice of a language, and requests. Pages are complete without it.

for (const input of document.querySelectorAll('[data-search]')) {
  const rows = [...document.querySelectorAll(input.dataset.search)].map((element) => ({
    element,
    text: `${element.id} ${element.textContent}`.toLowerCase(),
    pattern: element.dataset.pattern && patternOf(element.dataset.pattern),
  }));
  const sections = [...document.querySelectorAll('[data-searched]')];
  const status = document.querySelector('[data-search-status]');
  const show = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const sent = input.value.trim();
    let found = 0;
    for (const { element, text, pattern } of rows) {
      const isFound = words.every((word) => text.includes(word)) || pattern?.test(sent);
      element.hidden = !isFound;
      if (isFound) found += 1;
    }
    for (const section of sections)
      section.hidden =
        words.length > 0 && section.querySelector(`${input.dataset.search}:not([hidden])`) === null;
    status.textContent = words.length === 0 ? '' : `${found} of ${rows.length} found`;
  };
  input.closest('search').hidden = false;
  input.addEventListener('input', show);
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') input.value = '';
    show();
  });
  // A browser restores the text when it goes back to the page.
  show();
}

/** The pattern of a message such as `"{value}" is not a valid choice.`; undefined for one that is all placeholder. */
function patternOf(message) {
  if (/^\{\w+\}$/.test(message)) return undefined;
  const parts = message.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.+')}$`, 's');
}

/** Calls a function with storage, which throws where the browser denies it. */
const withStorage = (storage, use) => {
  try {
    return use(window[storage]);
  } catch {
    return undefined;
  }
};

for (const block of document.querySelectorAll('main pre')) {
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

for (const input of document.querySelectorAll('[name="language"]')) {
  if (withStorage('localStorage', (storage) => storage.getItem('language')) === input.value)
    input.checked = true;
  input.addEventListener('change', () =>
    withStorage('localStorage', (storage) => storage.setItem('language', input.value)),
  );
}

for (const form of document.querySelectorAll('.try')) {
  const [token, body] = [form.querySelector('[data-token]'), form.querySelector('[data-body]')];
  const output = form.querySelector('.try-response');
  if (token) token.value = withStorage('sessionStorage', (storage) => storage.getItem('token')) ?? '';
  form.hidden = false;
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (token) withStorage('sessionStorage', (storage) => storage.setItem('token', token.value.trim()));
    output.replaceChildren('Sending…');
    output.replaceChildren(...(await responseTo(form, token?.value.trim(), body?.value)));
  });
}

/** Sends a form's request to the API that serves this page. Returns what to show of its response. */
async function responseTo(form, token, body) {
  const headers = {
    ...(token && { Authorization: `Token ${token}` }),
    ...(body !== undefined && { 'Content-Type': 'application/json' }),
  };
  const startedAt = performance.now();
  try {
    const response = await fetch(addressOf(form), { method: form.dataset.method, headers, body });
    const milliseconds = Math.round(performance.now() - startedAt);
    return shownResponse(response, await response.text(), milliseconds);
  } catch (error) {
    return [paragraph(`The request failed: ${error.message}`, 'status-bad')];
  }
}

function addressOf({ dataset, elements }) {
  const inputs = [...elements];
  const path = dataset.path.replace(/\{(\w+)\}/g, (_, name) =>
    encodeURIComponent(inputs.find((input) => input.dataset.path === name).value),
  );
  const address = new URL(dataset.root + path, location.href);
  for (const input of inputs) {
    if (input.dataset.query && input.value !== '') address.searchParams.set(input.dataset.query, input.value);
  }
  return address;
}

function shownResponse(response, text, milliseconds) {
  const status = paragraph(
    `${response.status} ${response.statusText} in ${milliseconds} ms`,
    response.ok ? 'status-ok' : 'status-bad',
  );
  const ignored = response.headers.get('x-ignored-fields');
  const block = document.createElement('pre');
  block.tabIndex = 0;
  block.textContent = indented(text);
  return [status, ...(ignored ? [paragraph(`Ignored fields: ${ignored}`)] : []), block];
}

/** Numbers that JavaScript cannot represent stay as they were sent, so JSON with such numbers is shown as it is. */
function indented(text) {
  try {
    const value = JSON.parse(text);
    return JSON.stringify(value) === text ? JSON.stringify(value, null, 2) : text;
  } catch {
    return text;
  }
}

function paragraph(text, className = '') {
  const element = document.createElement('p');
  element.textContent = text;
  element.className = className;
  return element;
}
