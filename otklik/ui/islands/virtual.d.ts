declare module "virtual:islands" {
  /** Island name → its module; `default`, when present, is called once per element. */
  export const islands: Record<string, () => Promise<{ default?: (element: HTMLElement) => void }>>;
}
