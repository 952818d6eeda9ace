package io.github.pgpure.spring.boot;

import io.github.pgpure.convert.Converter;
import io.github.pgpure.convert.PgType;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.BindingReflectionHintsRegistrar;
import org.springframework.beans.factory.aot.BeanRegistrationAotContribution;
import org.springframework.beans.factory.aot.BeanRegistrationAotProcessor;
import org.springframework.beans.factory.config.ConstructorArgumentValues.ValueHolder;
import org.springframework.beans.factory.support.RegisteredBean;
import org.springframework.util.ClassUtils;

/** Has a native image keep the components and constants of classes annotated with {@link PgType}. */
final class PgTypeHints implements BeanRegistrationAotProcessor {

    @Override
    public @Nullable BeanRegistrationAotContribution processAheadOfTime(RegisteredBean bean) {
        if (bean.getBeanClass() != Converter.class) {
            return null;
        }
        ValueHolder argument = bean.getMergedBeanDefinition()
                .getConstructorArgumentValues()
                .getIndexedArgumentValues()
                .get(0);
        if (argument == null || !(argument.getValue() instanceof String className)) {
            return null;
        }
        Class<?> type =
                ClassUtils.resolveClassName(className, bean.getBeanFactory().getBeanClassLoader());
        if (!type.isAnnotationPresent(PgType.class)) {
            return null;
        }
        return (generation, code) -> new BindingReflectionHintsRegistrar()
                .registerReflectionHints(generation.getRuntimeHints().reflection(), type, type.arrayType());
    }
}
