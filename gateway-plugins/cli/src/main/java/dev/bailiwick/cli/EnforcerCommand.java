// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli;

import picocli.CommandLine.Command;

/** The enforcer of this machine. */
@Command(
    name = "enforcer",
    description = "The enforcer on an agent's host.",
    subcommands = EnforcerDoctorCommand.class)
final class EnforcerCommand {}
