package io.github.pgpure.spring.boot.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.autoconfigure.OverrideAutoConfiguration;
import org.springframework.boot.test.context.filter.annotation.TypeExcludeFilters;
import org.springframework.context.annotation.ComponentScan.Filter;
import org.springframework.core.annotation.AliasFor;
import org.springframework.test.context.BootstrapWith;
import org.springframework.test.context.junit.jupiter.SpringExtension;
import org.springframework.transaction.annotation.Transactional;

/**
 * A test of database code: the pool, the template, the transaction manager and the application's converters, and nothing else of
 * the application. Each test method runs in a transaction that is rolled back.
 *
 * <p>The server is the configured one; {@code @PgPureTest(properties = "pgpure.embedded.enabled=true")}, or a container with {@code
 * @ServiceConnection}, gives the test its own. Beans under test are named by {@code @Import}.
 */
@Documented
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@BootstrapWith(PgPureTestContextBootstrapper.class)
@ExtendWith(SpringExtension.class)
@OverrideAutoConfiguration(enabled = false)
@TypeExcludeFilters(PgPureTypeExcludeFilter.class)
@Transactional
@ImportAutoConfiguration
public @interface PgPureTest {

    /** Properties as {@code key=value}, set before the application starts. */
    String[] properties() default {};

    /** Whether the application's components are left out but for its converters; default true. */
    boolean useDefaultFilters() default true;

    /** Components to take in all the same. */
    Filter[] includeFilters() default {};

    /** Components to leave out. */
    Filter[] excludeFilters() default {};

    /** Auto-configurations to leave out. */
    @AliasFor(annotation = ImportAutoConfiguration.class, attribute = "exclude")
    Class<?>[] excludeAutoConfiguration() default {};
}
