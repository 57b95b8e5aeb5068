// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package com.example.gateway;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** An ordinary Spring Cloud Gateway: the filter comes with its dependency and application.yaml. */
@SpringBootApplication(proxyBeanMethods = false)
public class CompanyGateway {

  public static void main(String[] arguments) {
    SpringApplication.run(CompanyGateway.class, arguments);
  }
}
