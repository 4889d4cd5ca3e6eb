import process from 'node:process'

const bundle = process.env['MARTLET_BUNDLE'] ?? '0'
const given = process.env['NODE_OPTIONS'] ?? ''
// For the processes that this one starts: it has read its own options.
if (bundle !== '0' && !given.includes(bundle))
  process.env['NODE_OPTIONS'] = `${given} --import=${JSON.stringify(bundle)}`.trim()
