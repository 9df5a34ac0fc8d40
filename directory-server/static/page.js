// What pages do while they are open. Everything works without it: it keeps states up to date and remembers
// searches (need and place alone) in this browser.
(() => {
  'use strict';

  const live = document.getElementById('live');
  const states = () => [...document.querySelectorAll('[data-live]')];
  if (live && states().length && window.EventSource) keepUpToDate();

  function keepUpToDate() {
    const how = live.querySelector('[data-how]');
    const said = live.querySelector('[data-said]');
    const button = live.querySelector('[data-pause-button]');
    const names = [...new Set(states().map((state) => state.dataset.live))].slice(0, 60);
    const address = '/live?' + names.map((name) => 's=' + encodeURIComponent(name)).join('&');
    let source = null;
    let paused = false;
    let changed = 0;
    let soon = 0;

    button.addEventListener('click', () => {
      paused = !paused;
      follow();
    });
    // A page nobody looks at asks for nothing; it is told everything when it is looked at again.
    document.addEventListener('visibilitychange', follow);
    window.addEventListener('pagehide', stop);
    window.addEventListener('pageshow', follow);
    live.hidden = false;
    follow();

    function follow() {
      if (paused || document.hidden) stop();
      else if (!source) start();
      button.textContent = paused ? live.dataset.resume : live.dataset.pause;
    }

    function start() {
      source = new EventSource(address);
      source.addEventListener('open', () => tell(true));
      source.addEventListener('error', () => tell(false));
      source.addEventListener('state', (event) => take(JSON.parse(event.data)));
    }

    function stop() {
      if (source) source.close();
      source = null;
      tell(false);
    }

    function tell(on) {
      how.textContent = on ? live.dataset.on : live.dataset.off;
    }

    // Puts each line in the place of the one there is; nothing else on the page moves.
    function take({id, html}) {
      const line = new DOMParser().parseFromString(html, 'text/html').body.firstElementChild;
      let differs = false;
      for (const before of states().filter((state) => state.dataset.live === id)) {
        if (before.outerHTML === line.outerHTML) continue;
        differs = differs || words(before) !== words(line);
        before.replaceWith(document.importNode(line, true));
      }
      if (differs) announce();
    }

    // What a line says but for how old it is.
    function words(line) {
      const copy = line.cloneNode(true);
      copy.querySelectorAll('time').forEach((time) => time.remove());
      return copy.className + copy.textContent;
    }

    // One polite sentence for what changes together.
    function announce() {
      changed += 1;
      clearTimeout(soon);
      soon = setTimeout(() => {
        said.textContent = changed === 1 ? live.dataset.one : live.dataset.many.replace('{n}', changed);
        changed = 0;
      }, 400);
    }
  }

  const KEY = 'recent';
  const recent = document.getElementById('recent');
  remember();
  if (recent) show();

  function kept() {
    try {
      const list = JSON.parse(localStorage.getItem(KEY) || '[]');
      return Array.isArray(list) ? list : [];
    } catch {
      return [];
    }
  }

  function forget() {
    try {
      localStorage.removeItem(KEY);
    } catch {
      // A browser that keeps nothing has nothing to forget.
    }
  }

  // Need and place of the search this page answers: never words, never anything about a client.
  function remember() {
    const need = document.getElementById('need');
    const near = document.getElementById('near');
    if (!need || !near || !document.querySelector('.results')) return;
    const one = {need: need.value, called: need.selectedOptions[0].textContent, near: near.defaultValue};
    if (!one.need && !one.near) return;
    const rest = kept().filter((other) => other.need !== one.need || other.near !== one.near);
    try {
      localStorage.setItem(KEY, JSON.stringify([one, ...rest].slice(0, 5)));
    } catch {
      // A browser that keeps nothing remembers nothing.
    }
  }

  function show() {
    const list = kept();
    recent.hidden = !list.length;
    const items = list.map((one) => {
      const link = document.createElement('a');
      const asked = Object.entries({need: one.need, near: one.near}).filter(([, value]) => value);
      link.href = '/?' + new URLSearchParams(asked);
      link.className = 'link';
      link.textContent = [one.called, one.near].filter(Boolean).join(' – ');
      const item = document.createElement('li');
      item.append(link);
      return item;
    });
    recent.querySelector('ul').replaceChildren(...items);
    recent.querySelector('button').onclick = () => {
      forget();
      show();
      document.querySelector('#need').focus();
    };
  }
})();
