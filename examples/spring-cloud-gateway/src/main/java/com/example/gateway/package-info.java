/** A company's gateway, which happens to enforce a policy bundle. */
@NullMarked
package com.example.gateway;

import org.jspecify.annotations.NullMarked;
