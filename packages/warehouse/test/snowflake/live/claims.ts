/** The sentences of a text that say that something ran on Snowflake. */
export function claimsOfRuns(text: string): readonly string[] {
  const sentences = text
    .replaceAll(/```[\s\S]*?```/g, ' ')
    .split(/(?<=[.:;|!?])\s|\n\s*\n/)
    .map((sentence) => sentence.replaceAll(/\s+/g, ' ').trim())
  return sentences.filter((sentence) => RAN.test(sentence) && ON.test(sentence) && !NOT.test(sentence))
}

const RAN = new RegExp(
  String.raw`\b(?:has|have|had|was|were|is|are|been|we|it)\s+(?:\w+\s+)?` +
    String.raw`(?:run|ran|tested|verified|proven|proved|measured|confirmed|checked|validated|tried)\b`,
  'i',
)
const ON = new RegExp(
  String.raw`\b(?:on|against|with|by|in)\s+(?:an?\s+|the\s+|one\s+|our\s+)?(?:real\s+|live\s+|actual\s+)*` +
    String.raw`(?:Snowflake(?!'s\s+(?:reference|grammar|documentation)` +
    String.raw`|\s+(?:double|grammar|dialect|statements|leaves|words|text))|account)\b`,
  'i',
)
const NOT = /\b(?:no|not|never|nothing|none|nobody|without|cannot|neither|until|unless)\b/i
