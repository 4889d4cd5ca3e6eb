/** Words for people. They change no hash. */
export interface About {
  readonly description?: string
  readonly owner?: string
  readonly tags?: readonly string[]
}

/** The words of a definition, and nothing else of it. */
export function aboutOf({ description, owner, tags }: About): About {
  return Object.freeze({
    ...(description === undefined ? {} : { description }),
    ...(owner === undefined ? {} : { owner }),
    ...(tags === undefined ? {} : { tags: Object.freeze([...tags]) }),
  })
}
