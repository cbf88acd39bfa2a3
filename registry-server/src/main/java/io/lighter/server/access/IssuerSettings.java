package io.lighter.server.access;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Somebody whose tokens are believed (OpenID Connect Core 1.0, section 2; service accounts of
 * Kubernetes).
 *
 * @param name what stands with a colon in front of his users and groups in rules
 * @param issuer the {@code iss} of his tokens
 * @param keys where the keys are that he signs with (RFC 7517, section 5); if it is not said, he is
 *     asked (OpenID Connect Discovery 1.0, section 4)
 * @param audience one of the {@code aud} of tokens for this registry
 * @param userClaim claim that names the user
 * @param groupsClaim claim that lists his groups
 * @param caCertificates authorities that are trusted beside the system's when keys are fetched
 * @param bearerFile file of a token to fetch the keys with; read each time
 */
public record IssuerSettings(
    String name,
    String issuer,
    Optional<URI> keys,
    String audience,
    String userClaim,
    String groupsClaim,
    Optional<Path> caCertificates,
    Optional<Path> bearerFile) {}
