/** What is kept about a token; never the token itself. */
export interface TokenRecord {
  /** Stays the same when the token is rotated. */
  readonly tokenId: string;
  readonly tenantId: string;
  /** Keyed digest of the token in base64url, as it was passed to `find`. */
  readonly digest: string;
  /** What logs and events may show of the token: 12 hexadecimal digits. */
  readonly fingerprint: string;
  readonly scopes: readonly string[];
  /** The user inside the tenant. Default: the token id. */
  readonly subject?: string;
  /** When the token stops being valid, in milliseconds since the epoch. Missing: never. */
  readonly expiresAt?: number;
  /** A name for people. */
  readonly label?: string;
  /** Handed to server factories and handlers as it is. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** What a registry tells the tessera that asks it. */
export interface TokenRegistryListener {
  /**
   * The token is no longer valid: everything that hangs on it ends at once.
   *
   * @param tenantId the token's tenant; needed where token ids are unique within a tenant only
   */
  revoked(tokenId: string, tenantId?: string): void;
}

/**
 * Tokens that are kept elsewhere, such as in a database. A tessera asks its own tokens first and then each
 * registry in turn. Adding, rotating and removing are the registry's own business.
 */
export interface TokenRegistry {
  /**
   * Finds a token by its digest. A rejection is answered with a 500 that says nothing: it never lets a caller in.
   */
  find(digest: string): Promise<TokenRecord | undefined>;
  /** Called once, when the tessera is made. Returns a function that ends the connection. */
  attach?(listener: TokenRegistryListener): () => void;
}
