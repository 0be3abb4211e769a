//! The service of the tonic contestant, as its own generator writes it; the messages are written by hand, so that no `protoc` is needed.

use tonic_build::manual::{Builder, Method, Service};

fn main() {
    let method = |name: &str, route: &str, input: &str| {
        Method::builder()
            .name(name)
            .route_name(route)
            .input_type(input)
            .output_type("crate::contestants::tonic::Body")
            .codec_path("tonic_prost::ProstCodec")
    };
    let service = Service::builder()
        .name("Between")
        .package("between")
        .method(method("echo", "Echo", "crate::contestants::tonic::Body").build())
        .method(method("bulk", "Bulk", "crate::contestants::tonic::Size").build())
        .method(method("items", "Items", "crate::contestants::tonic::Size").server_streaming().build())
        .build();
    Builder::new().compile(&[service]);
}
