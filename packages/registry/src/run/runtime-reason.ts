/** Why the runtime failed, in plain words: a clause, and a sentence that says what to do. */
export interface RuntimeReason {
  readonly what: string
  readonly fix: string
}

type Explain = (match: readonly string[]) => RuntimeReason

/** What onnxruntime 1.30 says, and what that means. Text of other versions is passed on, without places in its source code. */
const MEANINGS: readonly (readonly [RegExp, Explain])[] = [
  [
    /No Op registered for (\S+) with domain_version of (\d+)/,
    ([operator, opset]) => ({
      what: `it uses the operator ${operator}, which the runtime does not have in operator set ${opset}`,
      fix: 'Export it for another operator set, or without that operator.',
    }),
  ],
  [
    /No opset import for domain '(.*?)'/,
    ([domain]) => ({
      what: `it uses an operator of the domain ${JSON.stringify(domain)}, of which the file imports no operator set`,
      fix: 'Export it with operators of ONNX alone.',
    }),
  ],
  [
    /Unsupported model IR version: (\d+), max supported IR version: (\d+)/,
    ([version, most]) => ({
      what: `its IR version is ${version}, and the runtime reads versions up to ${most}`,
      fix: 'Export it with an older onnx package, or set model.ir_version before it is saved.',
    }),
  ],
  [
    /Opset (\d+) is under development.*Current official support for domain (\S+) is till opset (\d+)/,
    ([opset, domain, most]) => ({
      what: `it needs operator set ${opset} of ${domain}, and the runtime has sets up to ${most}`,
      fix: `Export it for set ${most} or an older one (target_opset, in PyTorch opset_version).`,
    }),
  ],
  [
    /Type 'tensor\((\w+)\)' of input parameter \(.*?\) of operator \((\w+)\)/,
    ([type, operator]) => ({
      what: `its operator ${operator} does not take ${type}`,
      fix: 'Cast the input of that operator in the model.',
    }),
  ],
  [
    /Optype \((\w+)\) bound to different types \(tensor\((\w+)\) and tensor\((\w+)\)/,
    ([operator, one, other]) => ({
      what: `its operator ${operator} is given ${one} and ${other} together`,
      fix: 'Cast one of the two in the model.',
    }),
  ],
  [
    /Type \(tensor\((\w+)\)\) of output arg \((.*?)\) of node \(.*?\) does not match expected type \(tensor\((\w+)\)\)/,
    ([declared, output, made]) => ({
      what: `its value ${JSON.stringify(output)} is declared ${declared} and computed as ${made}`,
      fix: 'Export it with inputs of that type (scikit-learn: FloatTensorType).',
    }),
  ],
  [
    /Could not find an implementation for (\w+)\((\d+)\)/,
    ([operator]) => ({
      what: `the runtime has no CPU code for its operator ${operator} with these element types`,
      fix: 'Cast to float32 in the model, or export it without that operator.',
    }),
  ],
  [
    /invalid dimensions for input: (\S+) .*?index: (\d+) Got: (\d+) Expected: (\d+)/,
    ([input, at, got, expected]) => ({
      what: `input ${JSON.stringify(input)} has the size ${got} in dimension ${at}, where the model fixes ${expected}`,
      fix: 'Export it with that dimension left open.',
    }),
  ],
  [
    /running (\S+) node\. Name:'.*?' Status Message: (.*)/,
    ([operator, said = '']) => ({
      what: `its operator ${operator} failed (${said.slice(0, MOST)})`,
      fix: 'Look for values in these rows that it was not trained on.',
    }),
  ],
]

/** Characters of the runtime's own words in one sentence. */
const MOST = 200

/** What a failure of the runtime means. */
export function runtimeReason(text: string): RuntimeReason {
  const line = withoutPlaces(text)
  for (const [pattern, explain] of MEANINGS) {
    const match = pattern.exec(line)
    if (match !== null) return explain(match.slice(1))
  }
  const said = line.length > MOST ? `${line.slice(0, MOST)}…` : line.replace(/\.$/, '')
  return { what: `the runtime says ${JSON.stringify(said)}`, fix: 'Correct that and export the model again.' }
}

/** On one line, without files and signatures of the runtime's source code. */
function withoutPlaces(text: string): string {
  return text
    .replace(/\/\S+\.(?:cc|h|cpp):\d+ (?:[^\n(]*\([^\n]*?\) (?=[A-Z]|\w+ == ))?/g, '')
    .replace(/\s+/g, ' ')
    .trim()
}
