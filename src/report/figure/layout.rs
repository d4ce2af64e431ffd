//! Where a figure is going to stand: how wide it is printed, and whether it carries its title.

/// Millimetres to an inch.
pub(super) const INCH: f64 = 25.4;

/// Pixels of a picture that is printed one column wide: its smallest text, 10.5 pixels high, then has 6.3 points.
const SINGLE_PIXELS: u32 = 400;

/// The width at which a figure is printed: what journals call one column and two. No text is smaller than 6 points at either.
///
/// ```
/// use platewise::report::figure::PrintWidth;
/// assert_eq!((PrintWidth::Single.millimetres(), PrintWidth::Double.millimetres()), (85.0, 180.0));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PrintWidth {
    /// 85 mm. Figures whose texts need more room (plate map, forest, sensitivity, courses, flow) stay 180 mm wide.
    Single,
    /// 180 mm.
    #[default]
    Double,
}

impl PrintWidth {
    /// The width in print.
    pub fn millimetres(self) -> f64 {
        match self {
            Self::Single => 85.0,
            Self::Double => 180.0,
        }
    }

    /// Of a picture of so many pixels across.
    pub(super) fn of(pixels: u32) -> Self {
        if pixels <= SINGLE_PIXELS { Self::Single } else { Self::Double }
    }
}

/// How a figure is laid out.
///
/// ```
/// use platewise::report::figure::{PrintWidth, FigureLayout};
/// assert_eq!(FigureLayout::default(), FigureLayout { column: PrintWidth::Double, titles: true });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FigureLayout {
    /// How wide it is printed.
    pub column: PrintWidth,
    /// Whether title and subtitle stand in it. Journals want them in the caption.
    pub titles: bool,
}

impl Default for FigureLayout {
    fn default() -> Self {
        Self { column: PrintWidth::Double, titles: true }
    }
}

impl FigureLayout {
    /// The pixels of a picture that can be drawn in either width, and has so many in two columns.
    pub(super) fn fitted(self, (width, height): (u32, u32)) -> (u32, u32) {
        match self.column {
            PrintWidth::Single => (SINGLE_PIXELS, height * 4 / 5),
            PrintWidth::Double => (width, height),
        }
    }
}
