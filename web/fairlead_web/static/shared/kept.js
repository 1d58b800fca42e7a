// What the browser keeps. One that keeps nothing has it until the page is loaded again.

export function kept(storage, name) {
  try {
    return storage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

export function keep(storage, name, text) {
  try {
    if (text) storage.setItem(name, text);
    else storage.removeItem(name);
  } catch {
    // It holds until the page is loaded again.
  }
}
