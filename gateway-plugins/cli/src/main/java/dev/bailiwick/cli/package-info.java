/**
 * The {@code bailiwick} command. Each subcommand is one class that calls the module it commands.
 */
@NullMarked
package dev.bailiwick.cli;

import org.jspecify.annotations.NullMarked;
