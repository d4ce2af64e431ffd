//! A picture as a PNG file: the SVG rendered, and its dots packed.
//!
//! The pictures are flat colours on a white ground. So they are written as RGB without a row filter: filters are for photographs,
//! and trying them out took longer than everything else, for larger files.

use png::{ColorType, Compression, Encoder, Filter, PixelDimensions, Unit};
use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::{Options, Tree};

/// Renders an SVG text of `size` pixels with `scale` dots to the pixel, and says in the file how many dots are a metre in print, where
/// that is known; what went wrong, otherwise.
pub(super) fn render(svg: &str, size: (u32, u32), scale: f32, per_metre: Option<u32>) -> Result<Vec<u8>, String> {
    let tree = Tree::from_str(svg, &Options::default()).map_err(|error| error.to_string())?;
    let dots = |pixels: u32| (pixels as f32 * scale).round() as u32;
    let (width, height) = (dots(size.0), dots(size.1));
    let mut pixmap = Pixmap::new(width, height).ok_or_else(|| format!("{width} × {height} dots is not a size"))?;
    pixmap.fill(Color::WHITE);
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixmap.as_mut());
    let rgb: Vec<u8> = pixmap.pixels().iter().flat_map(|dot| [dot.red(), dot.green(), dot.blue()]).collect();
    pack(&rgb, (width, height), per_metre).map_err(|error| error.to_string())
}

fn pack(rgb: &[u8], (width, height): (u32, u32), per_metre: Option<u32>) -> Result<Vec<u8>, png::EncodingError> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, width, height);
    encoder.set_color(ColorType::Rgb);
    encoder.set_pixel_dims(per_metre.map(|dots| PixelDimensions { xppu: dots, yppu: dots, unit: Unit::Meter }));
    encoder.set_compression(Compression::Balanced);
    encoder.set_filter(Filter::NoFilter);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(rgb)?;
    writer.finish()?;
    Ok(file)
}
