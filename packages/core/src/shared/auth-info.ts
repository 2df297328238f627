/** What a verifier says of a token: the SDKs' `AuthInfo`. */
export interface AuthInfo {
  /** The access token; for the tessera's own tokens its fingerprint. */
  token: string;
  clientId: string;
  scopes: string[];
  /** Seconds since the epoch. */
  expiresAt?: number;
  /** RFC 8707 identifier of the resource the token is for. */
  resource?: URL;
  /** Whatever else is known of the caller. */
  extra?: Record<string, unknown>;
}
