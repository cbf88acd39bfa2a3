const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

export function bytes(amount) {
  let value = amount;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

export function count(number) {
  return number.toLocaleString('en');
}

export function percent(part, whole) {
  return whole > 0 ? `${(part / whole * 100).toFixed(part > 0 && part / whole < 0.1 ? 1 : 0)} %` : '–';
}

export function duration(milliseconds) {
  const seconds = milliseconds / 1000;
  if (seconds < 1) {
    return `${Math.round(milliseconds)} ms`;
  }
  if (seconds < 60) {
    return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  }
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) {
    return `${minutes} min`;
  }
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}

export function ago(time, now = Date.now()) {
  const age = now - Date.parse(time);
  return age < 2000 ? 'now' : `${duration(age)} ago`;
}

export function short(digest) {
  return digest.replace(/^(sha\d+:.{12}).*$/, '$1…');
}

const TYPES = {
  'application/vnd.oci.image.index.v1+json': 'OCI index',
  'application/vnd.oci.image.manifest.v1+json': 'OCI image',
  'application/vnd.docker.distribution.manifest.list.v2+json': 'Docker list',
  'application/vnd.docker.distribution.manifest.v2+json': 'Docker image',
  'application/vnd.oci.image.layer.v1.tar': 'tar',
  'application/vnd.oci.image.layer.v1.tar+gzip': 'tar+gzip',
  'application/vnd.oci.image.layer.v1.tar+zstd': 'tar+zstd',
  'application/vnd.docker.image.rootfs.diff.tar.gzip': 'tar+gzip',
};

export function mediaType(type) {
  return TYPES[type] ?? type;
}

const STATES = {
  lazy: ['good', 'lazy'],
  waiting: ['info', 'waiting'],
  running: ['info', 'converting'],
  parked: ['bad', 'given up'],
  original: ['', 'original'],
  unconvertible: ['warn', 'cannot be lazy'],
  kept: ['', 'stays as it is'],
  pending: ['', 'not converted'],
  open: ['good', 'answers'],
  resting: ['bad', 'does not answer'],
  done: ['good', 'done'],
  refused: ['warn', 'refused'],
  failed: ['bad', 'failed'],
  left: ['warn', 'client left'],
};

// Class and words of a state.
export function state(name) {
  return STATES[name] ?? ['', name];
}
