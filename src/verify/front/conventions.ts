// Naming conventions of valid/ready channels: how a valid port's name leads to its ready and payload ports.
// Pure text. Refuses to look at directions or widths: channels.ts does.

/** A convention: from the name of a valid port to what the other ports of its channel are called. */
export interface Convention {
  style: string;
  persistent: boolean;
  /** The channel a valid port names, or undefined when the name is of another convention. */
  match(valid: string): ChannelNames | undefined;
}

export interface ChannelNames {
  name: string;
  /** Possible names of the ready port, best first. */
  ready: readonly string[];
  /** Whether a port of the direction of valid belongs to the payload. */
  isPayload(port: string): boolean;
}

/** What payload fields are called after the channel's name. */
const fieldWords =
  'data|dat|payload|bits|msg|last|first|keep|strb|strobe|user|id|dest|sop|eop|sof|eof|empty|mod|error|err|' +
  'addr|address|adr|op|opcode|cmd|len|size|mask|be|we|tag|wdata|rdata|write|resp|src|dst|kind|type|index|value|key|imm|prio';

const axisFields = /^t?(data|keep|strb|last|user|id|dest)$/i;
const axi4Fields = /^(addr|len|size|burst|lock|cache|prot|qos|region|user|id|data|strb|last|resp|atop)$/i;

/** AXI-stream: s_axis_tvalid, m00_axis_tvalid, tvalid, in_tvalid_i. */
const axiStream: Convention = {
  style: 'AXI-stream',
  persistent: true,
  match(valid) {
    const m = /^(.*?)(t)(valid)((?:_(?:i|o|in|out))?)$/i.exec(valid);
    if (m === null || (m[1] !== '' && !/[_0-9]$/.test(m[1]!) && !/^[TVALID]+$/.test(m[2]! + m[3]!)))
      return undefined;
    const [, prefix = '', , , suffix = ''] = m;
    const upper = m[3] === 'VALID';
    return {
      name: trimName(prefix, suffix) || 'axis',
      ready: suffixes(suffix).map(s => `${prefix}${upper ? 'TREADY' : 'tready'}${s}`),
      isPayload: port => isField(port, prefix, suffix, axisFields),
    };
  },
};

/** The five channels of AXI and AXI-lite: s_axi_awvalid with awready, awaddr … */
const axi4: Convention = {
  style: 'AXI',
  persistent: true,
  match(valid) {
    const m = /^(|.*_)(aw|ar|w|r|b)(valid)((?:_(?:i|o|in|out))?)$/i.exec(valid);
    if (m === null) return undefined;
    const [, prefix = '', kind = '', word = '', suffix = ''] = m;
    const ready = word === 'VALID' ? 'READY' : 'ready';
    return {
      name: `${prefix}${kind}`,
      ready: suffixes(suffix).map(s => `${prefix}${kind}${ready}${s}`),
      isPayload: port => isField(port, prefix + kind, suffix, axi4Fields),
    };
  },
};

/** A convention of words joined by `_` or camel case: req_valid, validIn is not one. */
function words(
  style: string,
  validWord: string,
  readyWords: readonly string[],
  persistent: boolean,
): Convention {
  const pattern = new RegExp(`^(|.*_|.*[a-z0-9](?=[A-Z]))(${validWord})((?:_(?:i|o|in|out|ni))?)$`, 'i');
  return {
    style,
    persistent,
    match(valid) {
      const m = pattern.exec(valid);
      if (m === null) return undefined;
      const [, prefix = '', word = '', suffix = ''] = m;
      const shape = word === word.toUpperCase() ? upper : /^[A-Z]/.test(word) ? capital : lower;
      const flipped = flipPrefix(prefix);
      return {
        name:
          trimName(prefix, suffix) ||
          suffix.replace(/^_/, '').replace(/^i$/, 'in').replace(/^o$/, 'out') ||
          'channel',
        ready: [prefix, ...(flipped === undefined ? [] : [flipped])].flatMap(p =>
          readyWords.flatMap(r => suffixes(suffix).map(s => `${p}${shape(r)}${s}`)),
        ),
        isPayload: port =>
          isField(
            port,
            prefix,
            suffix,
            new RegExp(`^(${fieldWords})([_0-9A-Z].*)?$`, shape === lower ? '' : 'i'),
          ) ||
          (prefix !== '' && port === prefix.replace(/_$/, '') + suffix),
      };
    },
  };
}

/** The conventions known, most specific first. */
export const conventions: readonly Convention[] = [
  axiStream,
  axi4,
  words('valid/ready', 'valid', ['ready', 'rdy'], false),
  words('valid/ready', 'vld', ['rdy', 'ready'], false),
  words('MatchLib', 'val', ['rdy', 'ready'], false),
];

/**
 * A user's convention: `valid=*_vld ready=*_ack payload=*_dat,*_adr`; `*` stands for the channel's name.
 * @returns undefined when the text is malformed
 */
export function userConvention(text: string): Convention | undefined {
  const parts = new Map<string, string>();
  for (const word of text.trim().split(/\s+/)) {
    const m = /^(valid|ready|payload)=([^=]+)$/.exec(word);
    if (m === null) return undefined;
    parts.set(m[1]!, m[2]!);
  }
  const valid = parts.get('valid');
  if (valid === undefined || valid.split('*').length !== 2) return undefined;
  const ready = parts.get('ready');
  const payload = (parts.get('payload') ?? '').split(',').filter(x => x !== '');
  const [before = '', after = ''] = valid.split('*');
  return {
    style: 'user pattern',
    persistent: false,
    match(port) {
      if (!port.startsWith(before) || !port.endsWith(after) || port.length < before.length + after.length) {
        return undefined;
      }
      const name = port.slice(before.length, port.length - after.length);
      const fill = (pattern: string): string => pattern.replace('*', name);
      const fields = payload.map(fill);
      return {
        name: name || 'channel',
        ready: ready === undefined ? [] : [fill(ready)],
        isPayload: field => fields.includes(field),
      };
    },
  };
}

const lower = (word: string): string => word.toLowerCase();
const upper = (word: string): string => word.toUpperCase();
const capital = (word: string): string => word[0]!.toUpperCase() + word.slice(1);

function isField(port: string, prefix: string, suffix: string, field: RegExp): boolean {
  if (!port.startsWith(prefix) || !port.endsWith(suffix) || port.length <= prefix.length + suffix.length)
    return false;
  return field.test(port.slice(prefix.length, port.length - suffix.length));
}

/** A ready port carries the opposite direction suffix: valid_i goes with ready_o. */
function suffixes(suffix: string): string[] {
  const flip: Record<string, string> = { _i: '_o', _o: '_i', _in: '_out', _out: '_in', _I: '_O', _O: '_I' };
  const other = flip[suffix];
  return other === undefined ? [suffix] : [other, suffix];
}

/** i_valid goes with o_ready. */
function flipPrefix(prefix: string): string | undefined {
  const m = /^(i|o)_(.*)$/.exec(prefix);
  return m === null ? undefined : `${m[1] === 'i' ? 'o' : 'i'}_${m[2]}`;
}

function trimName(prefix: string, suffix: string): string {
  const name = prefix.replace(/_+$/, '');
  return name !== '' && /^_(i|o)$/.test(suffix) ? name : name;
}
