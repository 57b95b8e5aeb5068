// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli.apisix;

import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Routes as APISIX takes them. */
enum RouteText {
  /** A standalone {@code apisix.yaml}, whole. */
  YAML {
    @Override
    String reportAuthorization() {
      return "Bearer ${{BAILIWICK_REPORT_TOKEN}}";
    }

    @Override
    String of(List<Map<String, Object>> routes) {
      DumpSettings settings =
          DumpSettings.builder()
              .setDefaultFlowStyle(FlowStyle.BLOCK)
              .setIndicatorIndent(2)
              .setIndentWithIndicator(true)
              .setWidth(120)
              .setSplitLines(false)
              .build();
      return new Dump(settings).dumpToString(Map.of("routes", routes)) + "#END\n";
    }
  },
  /** A body for the Admin API, one a line: {@code PUT /apisix/admin/routes/ID}. */
  ADMIN {
    // What comes from etcd names a variable whole, or not at all.
    @Override
    String reportAuthorization() {
      return "$env://BAILIWICK_REPORT_AUTHORIZATION";
    }

    @Override
    String of(List<Map<String, Object>> routes) {
      JsonMapper json = JsonMapper.builder().disable(SerializationFeature.INDENT_OUTPUT).build();
      StringBuilder lines = new StringBuilder();
      routes.forEach(route -> lines.append(json.writeValueAsString(route)).append('\n'));
      return lines.toString();
    }
  };

  /** The logger's header, whose secret the environment of APISIX holds, and no file. */
  abstract String reportAuthorization();

  abstract String of(List<Map<String, Object>> routes);
}
