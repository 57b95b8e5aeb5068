// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import dev.bailiwick.gateway.token.ProofOfPossession;
import dev.bailiwick.gateway.token.TokenVerifier;
import dev.bailiwick.policy.Bundle;

/** Everything that is compiled from one bundle. Immutable; replaced as a whole on reload. */
record GatewaySnapshot(
    Bundle bundle, ConnectorRoutes routes, TokenVerifier verifier, ProofOfPossession proof) {}
