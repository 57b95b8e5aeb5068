/** The only package that imports the JOSE library: signatures, keys and strict parsing. */
@NullMarked
package dev.bailiwick.gateway.token.jose;

import org.jspecify.annotations.NullMarked;
