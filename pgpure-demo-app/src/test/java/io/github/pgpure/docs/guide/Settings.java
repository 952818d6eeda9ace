package io.github.pgpure.docs.guide;

import io.github.pgpure.spring.boot.PgConnectOptionsBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class Settings {

    // tag::customizer[]
    @Bean
    PgConnectOptionsBuilderCustomizer searchPath() {
        return options -> options.startupParameter("search_path", "shop, public");
    }
    // end::customizer[]
}
