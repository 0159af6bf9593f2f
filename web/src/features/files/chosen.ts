/** The files of a paste or a drop. A folder is told apart: it looks like a file that nobody can read. */
export function filesOf(data: DataTransfer | null): { files: File[]; folders: number } {
  const items = [...(data?.items ?? [])].filter((item) => item.kind === 'file')
  const isFolder = (item: DataTransferItem) => item.webkitGetAsEntry()?.isDirectory ?? false
  const files = items.filter((item) => !isFolder(item)).flatMap((item) => item.getAsFile() ?? [])
  return { files, folders: items.filter(isFolder).length }
}
