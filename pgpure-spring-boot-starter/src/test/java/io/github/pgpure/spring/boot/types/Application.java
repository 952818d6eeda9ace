package io.github.pgpure.spring.boot.types;

import io.github.pgpure.convert.PgType;
import java.util.List;
import java.util.Optional;
import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.context.annotation.Configuration;

/** An application with types in its packages. */
@Configuration(proxyBeanMethods = false)
@AutoConfigurationPackage
public class Application {

    /** Nested in another class, and outside the search path. */
    @PgType("app.address")
    public record Address(String street, Optional<String> postalCode, List<Mood> moods) {}
}
