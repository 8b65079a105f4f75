// The pipelines that the user keeps on top. This browser remembers them for this dashboard.

const key = `resilience-pins:${location.pathname}`;
const pins = new Set(read());

export const isPinned = name => pins.has(name);

export function togglePin(name) {
  if (!pins.delete(name)) pins.add(name);
  try {
    localStorage.setItem(key, JSON.stringify([...pins]));
  } catch {
    // Without storage, the pins last until the page is closed.
  }
}

function read() {
  try {
    const names = JSON.parse(localStorage.getItem(key));
    return Array.isArray(names) ? names : [];
  } catch {
    return [];
  }
}
