/** A connector for a small ticket API: list, read, create and comment. */
@NullMarked
package com.example.tickets;

import org.jspecify.annotations.NullMarked;
