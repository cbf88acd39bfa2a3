// The admin API of the server that this page is from.

export class ApiError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

export async function get(name, parameters = {}) {
  const document = await request('GET', name, parameters);
  return JSON.parse(document);
}

// The lines that an operation answers.
export async function post(name, parameters = {}) {
  const lines = (await request('POST', name, parameters)).split('\n').filter(line => line !== '').map(line => JSON.parse(line));
  const failure = lines.find(line => line.error);
  if (failure) {
    throw new ApiError(failure.error, 500);
  }
  return lines;
}

async function request(method, name, parameters) {
  const query = new URLSearchParams(parameters).toString();
  let response;
  let text;
  try {
    response = await fetch(`/admin/${name}${query && '?'}${query}`, {method, cache: 'no-store'});
    text = await response.text();
  } catch {
    throw new ApiError('The server does not answer.', 0);
  }
  if (!response.ok) {
    let message = `The server answered ${response.status}.`;
    try {
      message = JSON.parse(text).error ?? message;
    } catch {
      // Not from the admin API; the status says what can be said.
    }
    throw new ApiError(message, response.status);
  }
  return text;
}
