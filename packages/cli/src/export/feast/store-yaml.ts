/** The `feature_store.yaml` with which Feast's SDK reads from a server of Martlet. */
export function storeYaml({ project, url }: { readonly project: string; readonly url: string }): string {
  return [
    `project: ${project}`,
    'provider: local',
    'registry: registry.db',
    `online_store: {type: remote, path: ${JSON.stringify(url)}}`,
    'entity_key_serialization_version: 3',
    '',
  ].join('\n')
}
