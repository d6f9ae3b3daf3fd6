// The browser's storage, which may be full, or shut.

export function put(kind, name, value) {
  try {
    window[kind].setItem(name, value);
  } catch {
    document.dispatchEvent(new CustomEvent("unkept"));
  }
}

export function taken(kind, name) {
  try {
    return window[kind].getItem(name);
  } catch {
    return null;
  }
}
